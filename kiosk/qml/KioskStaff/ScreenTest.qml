pragma ComponentBehavior: Bound

import QtQuick
import Dawr
import KioskStaff.Models

// Whole colours for spots and stripes, then a field of cells that fill where the glass feels a finger.
Rectangle {
    id: test

    required property StaffModel viewModel
    readonly property list<string> colours: ["#ffffff", "#000000", "#ff0000", "#00ff00", "#0000ff", "#808080"]
    readonly property bool ofColours: viewModel.colour < colours.length
    readonly property int across: width > height ? 10 : 6
    readonly property int down: 60 / across

    objectName: "staff-screen-test"
    color: ofColours ? colours[viewModel.colour] : Theme.surface

    Repeater {
        model: test.ofColours ? 0 : 60
        Rectangle {
            required property int index
            x: index % test.across * test.width / test.across
            y: Math.floor(index / test.across) * test.height / test.down
            width: test.width / test.across
            height: test.height / test.down
            color: test.viewModel.cells.includes(index) ? Theme.ok : Theme.surface
            border.width: Math.max(1, Theme.mm(0.3))
            border.color: Theme.line
        }
    }
    Rectangle {
        anchors.centerIn: parent
        width: Math.min(parent.width - Theme.mm(40), Theme.mm(180))
        height: hint.implicitHeight + Theme.mm(16)
        radius: Theme.mm(3)
        color: Theme.raised
        border.width: Math.max(1, Theme.mm(0.3))
        border.color: Theme.control
        opacity: touch.pressed ? 0.2 : 1
        Column {
            id: hint
            anchors.centerIn: parent
            width: parent.width - Theme.mm(16)
            spacing: Theme.mm(6)
            Label {
                width: parent.width
                text: test.viewModel.help
                capMm: 5.6
                horizontalAlignment: Text.AlignHCenter
            }
            Label {
                id: out
                objectName: "staff-screen-out"
                width: parent.width
                text: Texts.t("staff.back")
                capMm: 6
                color: Theme.accent
                font.weight: Font.DemiBold
                font.underline: true
                horizontalAlignment: Text.AlignHCenter
                Accessible.role: Accessible.Button
            }
        }
    }
    MouseArea {
        id: touch
        anchors.fill: parent
        property point began
        // A finger may wipe across the way out; only one that stays on it means it.
        onPressed: event => {
            began = Qt.point(event.x, event.y);
            fill(event.x, event.y);
        }
        onPositionChanged: event => fill(event.x, event.y)
        onClicked: event => {
            const place = out.mapFromItem(touch, event.x, event.y);
            const stayed = Math.hypot(event.x - began.x, event.y - began.y) < Theme.mm(5);
            if (stayed && out.contains(place))
                test.viewModel.back();
            else if (test.ofColours)
                test.viewModel.act("next_colour", "");
        }

        function fill(x: real, y: real) {
            if (test.ofColours || x < 0 || y < 0 || x >= width || y >= height)
                return;
            const cell = Math.floor(y * test.down / height) * test.across + Math.floor(x * test.across / width);
            if (!test.viewModel.cells.includes(cell))
                test.viewModel.act("cell", String(cell));
        }
    }
}
