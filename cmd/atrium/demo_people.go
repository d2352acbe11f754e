package main

import (
	_ "embed"

	"atrium/queries"
)

// demoBegan is how many days ago the demo's businesses began, which is before anything happened in them.
const demoBegan = 100

// demoPassword opens every sign-in of the demo.
const demoPassword = "welcome-to-atrium"

// demoBusiness is one of the demo's made-up businesses.
type demoBusiness struct {
	slug, name, support string
	sender              string // name its mails come from; empty: its own
	accent, accent2     string
	corners             queries.CornerStyle
	zone                string
	logo                []byte
	owner               demoPerson
	others              []demoStaff
	client              string // address of the contact whose password is demoPassword
	people              []demoPerson
}

type demoStaff struct {
	demoPerson
	role queries.StaffRole
}

// demoPerson is somebody of the demo and what has happened with them, in days before today.
type demoPerson struct {
	name, email string
	added       int    // days ago, where that was before they were invited
	invited     int    // days ago; 0: not invited
	by          string // short name of who added and invited them; empty: the owner
	joined      int    // days ago; 0: not joined
	bounced     string
}

//go:embed demo/acme.svg
var acmeLogo []byte

//go:embed demo/lumen.svg
var lumenLogo []byte

var maya = demoPerson{name: "Maya Lindqvist", email: "maya@acme.example"}

var demoBusinesses = []demoBusiness{
	{slug: "acme", name: "Acme Coaching", support: "hello@acme.example", sender: "Maya at Acme Coaching", accent: "#c2410c", accent2: "#0f766e", corners: queries.CornerStyleSoft,
		zone: "Europe/Stockholm", logo: acmeLogo, owner: maya, client: "ana@example.com",
		others: []demoStaff{{demoPerson{name: "Samir Haddad", email: "samir@acme.example"}, queries.StaffRoleSupport}},
		people: []demoPerson{
			{name: "Olumide Adeyemi", email: "olumide@example.org", added: 69, invited: 29, joined: 28},
			{name: "Chiara Rinaldi", email: "chiara.rinaldi@example.net", added: 60, invited: 29, joined: 27},
			{name: "Henrik Sørensen", email: "henrik@example.com", added: 55, invited: 28, joined: 28},
			{name: "Priya Raghavan", email: "priya.raghavan@example.org", invited: 27},
			{name: "Mateusz Wójcik", email: "mateusz@example.net", added: 43, invited: 26, joined: 24},
			{name: "Leila Ben Salah", email: "leila@example.com", added: 35, invited: 25, joined: 25},
			{name: "Jonas Brandt", email: "jonas.brandt@example.org", invited: 25, by: "elena", bounced: "5.1.1 mailbox unavailable"},
			{name: "Nguyễn Thị Mai", email: "mai.nguyen@example.com", invited: 24, joined: 22},
			{name: "Ana Souza", email: "ana@example.com", added: 74, invited: 23, joined: 23},
			{name: "Tom Okafor-Williams", email: "tom.okafor@example.net", invited: 22, joined: 19},
			{name: "Siobhán O’Brien", email: "siobhan@example.org", invited: 21, joined: 20},
			{name: "Dmitri Volkov", email: "dmitri@example.com", invited: 20},
			{name: "Fatima Zahra El Idrissi", email: "fatima.zahra@example.net", invited: 19, joined: 17},
			{name: "Kenji Watanabe", email: "kenji.watanabe@example.org", added: 20, invited: 18, joined: 18},
			{name: "נועה לוי", email: "noa.levi@example.com", invited: 17, by: "samir", joined: 15},
			{name: "Gabriela Montserrat de la Fuente y Hernández-Villanueva", email: "gabriela.montserrat@example.org", invited: 16, joined: 14},
			{name: "Amara Diallo", email: "amara.diallo@example.com", invited: 15},
			{name: "Lukas Meier", email: "lukas.meier@example.net", invited: 14, joined: 13},
			{name: "Zanele Khumalo", email: "zanele@example.org", invited: 12, joined: 12},
			{name: "Elif Yılmaz", email: "elif.yilmaz@example.com", invited: 11},
			{name: "Rafael Ortega", email: "rafael.ortega@example.net", invited: 10, joined: 8},
			{name: "Wei Zhang", email: "wei.zhang@example.org", invited: 9, joined: 9},
			{name: "Charlotte Dubois", email: "charlotte@example.com", invited: 8, by: "samir"},
			{name: "يوسف المصري", email: "youssef@example.net", invited: 7, joined: 6},
			{name: "Ingrid Halvorsen", email: "ingrid@example.org", invited: 6, joined: 5},
			{name: "Marco Bianchi", email: "marco.bianchi@example.com", invited: 5, by: "samir", bounced: "5.2.1 this mailbox is disabled"},
			{name: "Aroha Ngata", email: "aroha.ngata@example.net", invited: 5, joined: 4},
			{name: "Sofia Papadopoulou", email: "sofia.p@example.org", invited: 4, joined: 4},
			{name: "Daniel Kowalczyk", email: "daniel.k@example.com", invited: 3},
			{name: "Hana Nováková", email: "hana.novakova@example.net", invited: 3, joined: 2},
			{name: "James Mitchell", email: "james.mitchell@example.org", invited: 2, by: "samir", joined: 1},
			{name: "", email: "studio.reception@example.com", invited: 1},
			{name: "Beatriz Carvalho", email: "beatriz@example.net", invited: 1, by: "samir"},
			{name: "Thandiwe Mokoena", email: "thandiwe@example.org"},
			{name: "Pavel Horák", email: "pavel.horak@example.com"},
		}},
	{slug: "lumen", name: "Lumen Studio", support: "studio@lumen.example", accent: "#5b3fd6", accent2: "#b45309", corners: queries.CornerStyleRound,
		zone: "America/Sao_Paulo", logo: lumenLogo, owner: demoPerson{name: "Tomás Ferreira", email: "tomas@lumen.example"}, client: "yuki@example.com",
		others: []demoStaff{{maya, queries.StaffRoleAdmin}},
		people: []demoPerson{
			{name: "Yuki Tanaka", email: "yuki@example.com", invited: 20, joined: 20},
			{name: "Isabela Rocha", email: "isabela.rocha@example.org", invited: 18, joined: 16},
			{name: "Oliver Grant", email: "oliver.grant@example.net", invited: 15},
			{name: "Camille Laurent", email: "camille@example.com", invited: 11, joined: 10},
			{name: "Ravi Menon", email: "ravi.menon@example.org", invited: 9, bounced: "5.1.1 no such user here"},
			{name: "Astrid Lund", email: "astrid.lund@example.net", invited: 6, joined: 6},
			{name: "Kwame Boateng", email: "kwame@example.com", invited: 4, joined: 3},
			{name: "Milena Petrović", email: "milena@example.org", invited: 2},
			{name: "Hugo Alvarez", email: "hugo.alvarez@example.net"},
		}},
}
