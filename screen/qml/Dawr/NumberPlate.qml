pragma ComponentBehavior: Bound

import QtQuick

// The product's face: a ticket's number as a plate, the service's letter in a solid block, then the digits.
// Reads left to right in every language. All lengths are parts of the plate's height h, so that paper, pages and
// screens draw the same thing: rim 0.04, corner 0.12, capitals 0.60, letter block as wide as the letter and 0.36,
// digits with 0.18 before and 0.22 after them. `capMm` is the height of the digits; h follows from it.
Item {
    id: plate

    required property string number
    property real capMm: 30
    property color face: Theme.plate
    property color ink: Theme.plateInk

    readonly property real capPx: capMm * Theme.pxPerMm
    readonly property real h: capPx / 0.60
    readonly property int split: /^[A-Za-z]+/.test(number) ? number.match(/^[A-Za-z]+/)[0].length : 0
    readonly property string text: number

    implicitHeight: h
    implicitWidth: block.width + digits.implicitWidth + h * 0.40

    LayoutMirroring.enabled: false
    LayoutMirroring.childrenInherit: true
    Accessible.role: Accessible.StaticText
    Accessible.name: number

    Rectangle {
        anchors.fill: parent
        radius: plate.h * 0.12
        color: plate.ink
        // On a dark ground the plate's own rim would be lost: it is drawn in the colour of the face.
        border.width: Theme.name === "light" ? 0 : plate.h * 0.04
        border.color: plate.face
    }
    Rectangle {
        id: field
        anchors.fill: parent
        // A pixel under a rim of the same colour, or a hairline of the ink would show between the two.
        anchors.margins: plate.h * 0.04 - (Theme.name === "light" ? 0 : 1)
        anchors.leftMargin: block.width
        topRightRadius: plate.h * 0.08
        bottomRightRadius: plate.h * 0.08
        topLeftRadius: plate.split > 0 ? 0 : plate.h * 0.08
        bottomLeftRadius: plate.split > 0 ? 0 : plate.h * 0.08
        color: plate.face
    }
    Item {
        id: block
        width: plate.split > 0 ? letter.implicitWidth + plate.h * 0.36 : plate.h * 0.04
        height: plate.h
        Text {
            id: letter
            anchors.centerIn: parent
            visible: plate.split > 0
            text: plate.number.slice(0, plate.split)
            color: plate.face
            font.family: Theme.family
            font.weight: Font.Bold
            font.pixelSize: plate.capPx / Theme.capOfSize
            Accessible.ignored: true
        }
    }
    Text {
        id: digits
        anchors.verticalCenter: parent.verticalCenter
        x: block.width + plate.h * 0.18
        text: plate.number.slice(plate.split)
        color: plate.ink
        font.family: Theme.family
        font.weight: Font.Bold
        font.pixelSize: plate.capPx / Theme.capOfSize
        font.features: ({ "tnum": 1 })
        Accessible.ignored: true
    }
}
