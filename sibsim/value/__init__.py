"""Value: what the public purse saves, agency by agency."""
