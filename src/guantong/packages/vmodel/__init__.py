"""The V-model (系统分析V字模型法): what an application is for, taken apart to units of work.

``model`` what vmodel.yaml says, as values · ``known_data`` the data a package may read: whose,
how shared, which class · ``reads`` which fields an alternative really reads · ``cooperation`` who
hands on to whom (业务协同模型) · ``sharing`` which field goes from whom to whom (数据共享模型) ·
``demand`` the data demand list (数据需求清单) with its state in a province · ``completeness`` how
many units of work are fully specified · ``models`` all of them of one package · ``plain`` the
same as values for JSON.

Everything here is compiled from declarations; what a province has landed is an argument.
"""
