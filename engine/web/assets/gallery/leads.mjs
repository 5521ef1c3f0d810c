// Made-up people for the prototypes.
export const stages = [["NOT ATTEMPTED", "grey"], ["FOLLOW-UP", "blue"], ["DEMO CONFIRMED", "violet"], ["PROPOSAL SENT", "amber"], ["CLOSE TO WON", "green"], ["CLOSE TO LOOSE", "red"]];

const names = ["Priya Deshmukh", "Rahul Sharma", "Fatima Sheikh", "Vikram Iyer", "Ananya Banerjee", "Suresh Patil", "Neha Kulkarni", "Imran Qureshi", "Kavita Rao", "Arjun Mehta", "Divya Nambiar", "Rohan Joshi", "Sunita Verma", "Manoj Tiwari", "Pooja Gupta", "Karthik Reddy", "Meenal Shah", "Aditya Chavan", "Lakshmi Pillai", "Nikhil Bhosale", "Shalini Menon", "Gaurav Saxena", "Ritu Agarwal", "Deepak Yadav", "Tanvi Gokhale", "Harish Naidu"];
const sources = ["Google", "Website", "Referral", "Facebook", "WhatsApp", "Hoarding"];
const due = [["is-late", "Yesterday 16:30"], ["is-today", "Today 15:00"], ["", "Tomorrow 10:15"], ["", "24 Nov 11:00"], null, ["", "27 Nov 17:45"]];

export const leads = names.map((name, n) => ({
  name,
  reference: `LEAD-2026-${String(1284 - n).padStart(5, "0")}`,
  phone: `+91 ${98200 + n * 37} ${String(10342 + n * 7919).slice(-5)}`,
  source: sources[(n * 5) % 6],
  stage: stages[[1, 1, 2, 0, 3, 1, 4, 0, 5, 2, 1, 3][n % 12]],
  budget: n % 7 === 3 ? null : ["45,000", "1,20,000", "80,500", "2,75,000", "60,000"][n % 5],
  hidden: n % 9 === 5,
  due: due[n % 6],
  owner: [["Asha Nair", "teal"], ["Ravi Kumar", "indigo"]][n % 3 === 1 ? 1 : 0],
  ago: `2026-11-${String(21 - (n % 20)).padStart(2, "0")}T${String(9 + (n % 9)).padStart(2, "0")}:12:00Z`,
}));
