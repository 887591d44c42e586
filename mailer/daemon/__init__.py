"""The loops that run by themselves: one supervised process, or one round of each."""
