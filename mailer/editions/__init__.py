"""What do we say, and to whom?"""
