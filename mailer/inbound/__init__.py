"""What came back: bytes from strangers become one of a few kinds of mail."""
