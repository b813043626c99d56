"""People: who is referred, who starts, who reaches what, with the service and without it."""
