pragma ComponentBehavior: Bound

import QtQuick
import Dawr

// A fact with its name above it.
Column {
    id: fact

    property string name
    property string value
    property real capMm: 8

    spacing: Theme.mm(1)

    Label {
        width: parent.width
        text: fact.name
        capMm: 4.8
        color: Theme.muted
        horizontalAlignment: Text.AlignLeft
    }
    Label {
        width: parent.width
        text: fact.value
        capMm: fact.capMm
        font.weight: Font.DemiBold
        horizontalAlignment: Text.AlignLeft
    }
}
