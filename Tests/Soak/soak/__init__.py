"""A long run of server, clients and targets in which every byte is checked; see README.md."""
