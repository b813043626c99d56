"""``python -m sibsim``."""

from sibsim.cli import main

main()
