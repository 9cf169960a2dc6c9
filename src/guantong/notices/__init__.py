"""Notices and their receipts (签收链): who is told what, who has read it, who has taken it on.

A notice belongs to a realm and stands first of all in the platform itself; from the live realm it
also goes out through channels (mail, DingTalk, WeCom, SMS, a hook). It does not know cases or
tasks: ``main`` joins it to their facts.

``notice`` the rules of a notice, pure · ``preference`` quiet hours and digests, pure ·
``delivery`` the life of a delivery, pure · ``recipients`` who is meant by a unit ·
``service`` send, read, accept, remind, withdraw · ``due`` what the clock brings ·
``handing_on`` leavers and merged units · ``sender`` deliveries on their way out ·
``channel`` which channels there are · ``hook`` ``mail`` ``chat`` how each sends ·
``queries`` the read side · ``trail`` leaves and witnesses · ``models`` the tables.
"""
