# c
Creator "a &amp; &#252;"
graph [ comment "x
y" node [ id 0 z [ a [ b 1 ] ] ] edge [ source 0 target 0 ] ]