"""How packages become model files: one small module a recipe.

A recipe is a function ``run(model, source, archives, out)``: ``model`` and ``source`` are the
registry's tables, ``archives`` the fetched packages in order, ``out`` an empty folder. The caller
checks size and SHA-256 of what was written. A new recipe is one file here and one line below.
"""

from importlib import import_module

RECIPES = {
    "join": "recipes.join",
    "whisper-ggml": "recipes.whisper_ggml",
    "spleeter-onnx": "recipes.spleeter_onnx",
    "ge2e-onnx": "recipes.ge2e_onnx",
}


def recipe(name):
    """The ``run`` of a recipe; modules load on use, as only some need numpy or onnx."""
    return import_module(RECIPES[name]).run
