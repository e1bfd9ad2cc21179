pragma ComponentBehavior: Bound

import QtQuick
import Dawr
import Kiosk.Models

// Paper or message, each as large as the other; the screen alone for who needs neither.
Item {
    id: page

    required property DeliveryModel viewModel
    readonly property bool wide: width > height

    Question {
        id: question
        anchors.left: parent.left
        width: parent.width
        text: Texts.t("kiosk.delivery.title")
    }
    Grid {
        id: ways
        anchors.left: parent.left
        readonly property real room: page.height - question.height - without.height
        y: question.height + Math.max(Theme.mm(6), (room - height) / 2 - Theme.mm(page.wide ? 0 : 8))
        width: parent.width
        columns: page.wide ? 2 : 1
        spacing: Theme.mm(8)
        Repeater {
            model: page.viewModel.ways
            WayTile {
                required property var modelData
                required property int index
                width: (ways.width - (ways.columns - 1) * ways.spacing) / ways.columns
                height: Math.min(Theme.mm(page.wide ? 90 : 76), (ways.room - Theme.mm(18)) / (page.wide ? 1 : 2))
                entry: modelData
                primary: index === 0
                enabled: !page.viewModel.busy
                onClicked: page.viewModel.choose(modelData.id)
            }
        }
    }
    ActionButton {
        id: without
        objectName: "by-screen"
        anchors.left: parent.left
        anchors.bottom: parent.bottom
        width: page.wide ? implicitWidth : parent.width
        implicitHeight: Theme.mm(22)
        quiet: true
        text: Texts.t("kiosk.delivery.screen")
        enabled: !page.viewModel.busy
        onClicked: page.viewModel.choose("screen")
    }
}
