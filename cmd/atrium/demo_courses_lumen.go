package main

import "atrium/queries"

var smallRooms = demoCourse{
	CourseDraft: queries.CourseDraft{Title: "Light for small rooms", Summary: "Photograph people where they live, with one window and one lamp. Six lessons from our studio, with pictures taken in flats under forty square metres."},
	days:        12,
	modules: []demoModule{
		{"One window", 0, []demoLesson{
			{title: "Find the good hour", minutes: 9, video: "https://vimeo.com/1084537", body: "Stand in the room at nine, at noon and at four. Hold your hand at the height of a face and look at the shadow under the thumb.\n\nThe good hour is when that shadow has **a soft edge and a clear direction**. In most flats it lasts about fifty minutes. Note it; it is the same tomorrow."},
			{title: "Turn the chair, not the camera", minutes: 7, body: "Beginners walk around. Leave the camera where there is space and turn the chair in steps of a quarter.\n\n- facing the window: open, honest, flat\n- half turned: calm, with depth\n- side on: strong, and hard on skin\n\nAsk which one is *them*, not which one is prettier."},
			{title: "A sheet, a wall, a book", minutes: 8, body: "You own three reflectors already. A white sheet over a chair fills the shadow. A pale wall one metre away does the same, more gently. And an open book on the lap puts a little light under the eyes, which is where tiredness sits."},
		}},
		{"One lamp", 0, []demoLesson{
			{title: "Which lamp, and where", minutes: 10, body: "Any lamp with a shade will do, as long as the bulb is warm and the window is covered. Mixing both makes skin green.\n\nPut it a little above the eyes and as close as the frame allows. Close light is soft light; that is the whole secret."},
			{title: "Shadows that help", minutes: 8, body: "Do not fight the dark side. Let it go, and place the more important eye in the light. If a room is untidy, this is also how you tidy it."},
			{title: "Check: one lamp", minutes: 5, body: "Two questions, and you are done.",
				quiz: []queries.QuestionDraft{
					single("How does light become softer?", "The closer a lamp is, the larger it is for the face.", "By bringing the lamp closer", "By taking the lamp further away", "With a stronger bulb"),
					single("What happens when window and lamp are mixed?", "Daylight is blue, the lamp is yellow, and the camera can only be right about one of them.", "Skin takes on an odd colour", "Shadows disappear", "Nothing, cameras balance it"),
				}},
		}},
	},
	enrolment: []demoEnrolment{
		{"yuki@example.com", 11, 0, 4, 1}, {"isabela.rocha@example.org", 10, 0, 6, 2}, {"camille@example.com", 8, 0, 2, 5}, {"astrid.lund@example.net", 5, 0, 3, 1}, {"kwame@example.com", 2, 0, 0, 0},
	},
}
