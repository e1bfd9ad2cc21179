pragma ComponentBehavior: Bound

import QtQuick
import Kiosk.Models

// The question screens, one on top at a time. The rest are made in idle moments after the first frame, so that no
// customer waits for one.
Item {
    id: stack

    required property FrameModel frame
    required property CprModel cpr
    required property FoundModel found
    required property AskBookedModel askBooked
    required property ServicesModel services
    required property DetailsModel details
    required property DeliveryModel delivery
    required property PhoneModel phone
    required property TicketModel ticket
    required property RefusedModel refused
    required property ThanksModel thanks
    property bool warm: false

    component Page: Loader {
        required property string name
        // What this kiosk cannot come to is not made ahead: each page is a megabyte or two.
        property bool wanted: true
        readonly property bool shown: stack.frame.page === name
        anchors.fill: parent
        active: shown || (stack.warm && wanted)
        visible: shown
        enabled: shown
    }

    Page {
        name: "cpr"
        sourceComponent: CprPage { viewModel: stack.cpr }
    }
    Page {
        name: "found"
        sourceComponent: FoundPage { viewModel: stack.found }
    }
    Page {
        name: "ask_booked"
        sourceComponent: AskBookedPage { viewModel: stack.askBooked }
    }
    Page {
        name: "services"
        sourceComponent: ServicesPage { viewModel: stack.services }
    }
    Page {
        name: "details"
        sourceComponent: DetailsPage { viewModel: stack.details }
    }
    Page {
        name: "looking"
        wanted: stack.cpr.scanner
        sourceComponent: LookingPage {}
    }
    Page {
        name: "delivery"
        wanted: stack.delivery.offersMessage
        sourceComponent: DeliveryPage { viewModel: stack.delivery }
    }
    Page {
        name: "phone"
        wanted: stack.delivery.offersMessage
        sourceComponent: PhonePage { viewModel: stack.phone }
    }
    Page {
        name: "ticket"
        sourceComponent: TicketPage { viewModel: stack.ticket }
    }
    Page {
        name: "refused"
        sourceComponent: RefusedPage { viewModel: stack.refused }
    }
    Page {
        name: "thanks"
        sourceComponent: ThanksPage { viewModel: stack.thanks }
    }
}
