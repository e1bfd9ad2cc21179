pragma ComponentBehavior: Bound

import QtQuick
import Dawr

// Twelve keys as on a telephone, in the same order in both languages; five is marked.
Grid {
    id: keypad

    required property list<var> digits
    property real keyWidth
    property real keyHeight

    signal typed(digit: string)
    signal erased
    signal cleared

    columns: 3
    spacing: Theme.mm(3.5)
    LayoutMirroring.enabled: false
    LayoutMirroring.childrenInherit: true

    Repeater {
        model: 12
        Touchable {
            id: key
            required property int index
            readonly property bool digit: index < 9 || index === 10
            readonly property int place: index === 10 ? 9 : index
            objectName: index === 9 ? "key-clear" : index === 11 ? "key-erase" : "key-" + (place + 1) % 10
            width: keypad.keyWidth
            height: keypad.keyHeight
            text: digit ? keypad.digits[place] ?? "" : index === 9 ? Texts.t("kiosk.cpr.clear") : Texts.t("kiosk.cpr.erase")
            onClicked: digit ? keypad.typed(text) : index === 9 ? keypad.cleared() : keypad.erased()

            Rectangle {
                anchors.fill: parent
                z: -1
                radius: Theme.mm(3)
                color: key.pressed ? Theme.accent : key.digit ? Theme.raised : "transparent"
                border.width: Math.max(1, Theme.mm(0.35))
                border.color: key.digit ? Theme.control : Theme.line
            }
            Label {
                anchors.centerIn: parent
                width: Math.min(implicitWidth, parent.width - Theme.mm(3))
                horizontalAlignment: Text.AlignHCenter
                text: key.text
                capMm: key.digit ? 12 : 4.8
                font.weight: Font.DemiBold
                color: key.pressed ? Theme.accentInk : Theme.ink
                Accessible.ignored: true
            }
            Rectangle {
                anchors.horizontalCenter: parent.horizontalCenter
                anchors.bottom: parent.bottom
                anchors.bottomMargin: Theme.mm(3)
                visible: key.index === 4
                width: Theme.mm(6)
                height: Theme.mm(0.8)
                color: key.pressed ? Theme.accentInk : Theme.muted
            }
        }
    }
}
