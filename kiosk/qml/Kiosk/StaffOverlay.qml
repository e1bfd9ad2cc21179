pragma ComponentBehavior: Bound

import QtQuick
import Dawr
import Dawr.Core
import Kiosk.Models

// Over everything: what customers see while the kiosk is closed, the page for a code, the staff's screens, and the eye
// for their sign. The first three are read from their files when they are first needed.
Item {
    id: overlay

    required property StaffDoor door
    required property bool closed
    required property Installer installer
    required property list<var> languages

    Loader {
        anchors.fill: parent
        readonly property bool wanted: overlay.closed
        onWantedChanged: follow()
        Component.onCompleted: follow()

        function follow() {
            wanted ? setSource(Qt.resolvedUrl("../KioskStaff/ClosedPanel.qml"), {
                languages: overlay.languages,
                installer: overlay.installer
            }) : setSource("");
        }
    }
    Loader {
        anchors.fill: parent
        readonly property bool wanted: overlay.closed && overlay.installer.isOpen
        onWantedChanged: wanted ? setSource(Qt.resolvedUrl("../KioskStaff/CodePage.qml"), {
            languages: overlay.languages,
            installer: overlay.installer
        }) : setSource("")
    }
    Loader {
        anchors.fill: parent
        readonly property QtObject wanted: overlay.door.menu
        onWantedChanged: wanted ? setSource(Qt.resolvedUrl("../KioskStaff/StaffLayer.qml"), {
            viewModel: wanted
        }) : setSource("")
    }
    // On top of all, but it only watches: what lies beneath gets every touch all the same.
    Item {
        anchors.fill: parent
        enabled: !overlay.installer.isOpen
        PointHandler {
            // When it is over the handler has forgotten where it was.
            property point last
            acceptedButtons: Qt.LeftButton
            onPointChanged: if (active)
                last = point.position
            onActiveChanged: {
                if (active)
                    overlay.door.press(point.position.x, point.position.y, overlay.width, overlay.height, Theme.mm(14));
                else
                    overlay.door.release(last.x, last.y, overlay.width, overlay.height);
            }
        }
    }
}
