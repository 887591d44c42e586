"""The public pages: join, confirm, choose, leave, read; without scripts or cookies."""
