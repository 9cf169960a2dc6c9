"""An area's own words and forms: what it says differently of an installed application.

``entry`` what can be said differently, and what the package says · ``difference`` one word of an
area · ``form`` a form as an area has it · ``view`` the package as an area has it · ``checking``
what an area may say · ``judging`` the doctor's word on the whole · ``merge`` what a new release
means for it · ``store`` saying and taking back · ``held`` what this process shows where, without
a query · ``told`` entries and texts as people read them.
"""
