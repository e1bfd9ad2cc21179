pragma ComponentBehavior: Bound

import QtQuick
import Dawr
import Kiosk.Models

// What one has come for. All tiles are in sight; what would not fit is grouped.
Item {
    id: page

    required property ServicesModel viewModel
    readonly property bool wide: width > height
    readonly property int count: viewModel.tiles.length
    readonly property int columns: wide && count > 4 ? (count > 6 ? 3 : 2) : wide || count > 5 ? 2 : 1
    readonly property int rows: Math.max(1, Math.ceil(count / columns))

    Question {
        id: question
        width: page.width
        text: page.viewModel.group !== "" ? page.viewModel.group : Texts.t("kiosk.services.title")
    }
    Grid {
        id: grid
        anchors.top: question.bottom
        anchors.topMargin: Theme.mm(page.wide ? 8 : 12)
        width: parent.width
        columns: page.columns
        spacing: Theme.mm(5)
        readonly property real room: page.height - question.height - anchors.topMargin
        readonly property real tileWidth: (width - (columns - 1) * spacing) / columns
        readonly property real tileHeight: Math.min(Theme.mm(80), (room - (page.rows - 1) * spacing) / page.rows)
        Repeater {
            model: page.viewModel.tiles
            ServiceTile {
                required property var modelData
                width: grid.tileWidth
                height: grid.tileHeight
                entry: modelData
                group: page.viewModel.grouped
                onClicked: page.viewModel.grouped ? page.viewModel.openGroup(modelData.id) : page.viewModel.choose(modelData.id)
            }
        }
    }
}
