"""The composition root: it knows every package and decides nothing.

``home`` the folder that holds all state · ``settings`` Django's settings · ``postgres`` the
embedded record store · ``wiring`` who subscribes to which fact and fills which port ·
``supervisor`` the processes of ``make up`` · ``worker`` outbox, timers, audit sequencer ·
``cli`` the command line · ``urls``, ``wsgi``, ``asgi`` what the servers load.
"""
