"""Results for readers: a page, tables, a folder, sentences.

In: results. Out: text and files. Not here: any figure that is not read off a result.
"""
