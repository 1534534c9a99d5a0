"""Kinds of jobs of organizations."""

INVITE, INVITE_LINK = "accounts.invite", "accounts.invite_link"
