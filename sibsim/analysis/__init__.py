"""Analysis: variants side by side, back-tests, one trial's story."""
