"""What every part of the product looks like and says: typeface, colours, texts, sounds, the demo centre.

Data, with thin loaders beside it. It decides nothing, knows no other package of ours and no framework.
"""
