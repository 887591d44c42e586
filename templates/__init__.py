"""What people read: German texts, one folder per letter. Only data lives here."""
