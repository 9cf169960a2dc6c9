"""The citizen end (浙里办's side): a deployment of its own, with its own addresses and cookies.

Phone first, without script. Signing in and one's own account are the pages both ends share;
here is what only citizens have, and ``window``, where an official gives them their account.
"""
