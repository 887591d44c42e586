"""Copies of the database: made while everything runs, checked, and put back."""
