pragma ComponentBehavior: Bound

import QtQuick
import Dawr
import Kiosk.Models

// Over everything: what customers see while the kiosk is closed, the staff's screens, and the eye for their sign. The
// first two are read from their files when they are first needed.
Item {
    id: overlay

    required property StaffDoor door
    required property bool closed
    required property string barred
    required property list<var> languages

    Loader {
        anchors.fill: parent
        readonly property bool wanted: overlay.closed
        readonly property string why: overlay.barred
        onWantedChanged: follow()
        onWhyChanged: follow()
        Component.onCompleted: follow()

        function follow() {
            wanted ? setSource(Qt.resolvedUrl("../KioskStaff/ClosedPanel.qml"), {
                languages: overlay.languages,
                barred: overlay.barred
            }) : setSource("");
        }
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
