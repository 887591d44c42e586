"""What the network has to tell: contributions of its partners, quarter by quarter."""
