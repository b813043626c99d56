"""Accounts: delivery costs, the investor's money, and every party's ledger."""
