pragma ComponentBehavior: Bound

import QtQuick
import Dawr

// A service's letter as it stands on the number plate.
Rectangle {
    id: block

    property string letter
    property real capMm: 9

    implicitWidth: Theme.mm(capMm * 2)
    implicitHeight: Theme.mm(capMm * 2)
    radius: Theme.mm(capMm * 0.24)
    color: Theme.plateInk
    border.width: Theme.name === "contrast" ? Theme.mm(0.4) : 0
    border.color: Theme.line

    Label {
        anchors.centerIn: parent
        text: block.letter
        capMm: block.capMm
        font.pixelSize: block.capMm * Theme.pxPerMm / Theme.capOfSize
        font.weight: Font.Bold
        color: Theme.plate
        Accessible.ignored: true
    }
}
