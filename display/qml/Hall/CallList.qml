pragma ComponentBehavior: Bound

import QtQuick
import Dawr
import Hall.Model

// The last calls, newest on top. A new one pushes the others down once.
Item {
    id: list

    required property HallModel viewModel
    property real unit: 1
    // Rows are to be read from 5 m, capitals of 61 mm: as many as fit, six at least, eight at most.
    readonly property real room: height - heading.height
    readonly property int rows: Math.max(6, Math.min(8, Math.floor(room / Theme.mm(90))))
    readonly property real pitch: room / rows

    Item {
        id: heading
        visible: list.viewModel.started
        width: parent.width
        height: 38 * list.unit

        Caption {
            anchors.verticalCenter: parent.verticalCenter
            x: list.pitch * 0.29
            words: list.viewModel.labels["ticket"]
            capPx: 12 * list.unit
        }
        Caption {
            anchors.verticalCenter: parent.verticalCenter
            anchors.right: parent.right
            anchors.rightMargin: list.pitch * 0.29
            words: list.viewModel.labels["counter"]
            capPx: 12 * list.unit
        }
        Rectangle {
            anchors.bottom: parent.bottom
            width: parent.width
            height: Math.max(1, Math.round(1.5 * list.unit))
            color: Theme.line
        }
    }
    ListView {
        anchors.top: heading.bottom
        width: parent.width
        height: list.room
        interactive: false
        // Without a current item nothing is followed: following it would draw frames for nothing.
        currentIndex: -1
        highlightFollowsCurrentItem: false
        clip: true
        model: list.viewModel.rows
        delegate: CallRow {
            width: ListView.view.width
            height: list.pitch
            capPx: list.pitch * 0.66
        }
        add: Transition {
            NumberAnimation { property: "opacity"; from: 0.4; to: 1; duration: Theme.shortMs }
        }
        displaced: Transition {
            NumberAnimation { property: "y"; duration: Theme.longMs; easing.type: Easing.OutCubic }
            NumberAnimation { property: "opacity"; to: 1; duration: Theme.shortMs }
        }
        move: Transition {
            NumberAnimation { property: "y"; duration: Theme.longMs; easing.type: Easing.OutCubic }
        }
    }
    Column {
        visible: list.viewModel.started && list.viewModel.count === 0
        anchors.centerIn: parent
        spacing: 10 * list.unit
        Repeater {
            model: list.viewModel.labels["idle"]
            delegate: Write {
                required property var modelData
                anchors.horizontalCenter: parent?.horizontalCenter
                text: modelData.text
                capPx: 16 * list.unit
                color: Theme.muted
            }
        }
    }
}
