pragma ComponentBehavior: Bound

import QtQuick
import Dawr

// Whatever is touched: answers on the next frame, can be reached by keys, and tells its name to a screen reader.
Item {
    id: touchable

    property string text
    readonly property bool pressed: area.pressed && area.containsMouse
    property bool checkable: false
    property bool checked: false

    signal clicked

    activeFocusOnTab: enabled
    Accessible.role: checkable ? Accessible.CheckBox : Accessible.Button
    Accessible.name: text
    Accessible.checkable: checkable
    Accessible.checked: checked
    Accessible.focusable: true
    Accessible.onPressAction: clicked()
    Keys.onSpacePressed: clicked()
    Keys.onReturnPressed: clicked()
    Keys.onEnterPressed: clicked()

    MouseArea {
        id: area
        anchors.fill: parent
        onClicked: touchable.clicked()
    }
    Rectangle {
        anchors.fill: parent
        anchors.margins: -Theme.mm(1.5)
        radius: Theme.mm(4)
        color: "transparent"
        border.width: Theme.mm(0.8)
        border.color: Theme.focus
        visible: touchable.activeFocus
    }
}
