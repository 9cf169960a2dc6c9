"""The one table of ``main``: which versions have been at work in this store."""

from django.db import models


class Upgrade(models.Model):
    """A store brought to a version: the newest row says which kernel may work with it."""

    version = models.TextField()
    before = models.TextField(default="")
    at = models.DateTimeField()
    # The backup that leads back to the version before; empty where a store was founded.
    backup = models.TextField(default="")
    migrations = models.JSONField(default=list)
