print("cicerone")
