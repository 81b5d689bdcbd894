select access.secure()
