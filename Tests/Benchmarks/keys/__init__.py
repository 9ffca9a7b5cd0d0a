"""How fast the dashboard answers keys: the real program in a pseudo-terminal, with real traffic."""
