"""What public pages say by themselves, in the languages of those who read them; English where one is missing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    send: str = "Send"
    thanks: str = "Thank you"
    thanks_why: str = "We have it and will be in touch with you soon."
    again: str = "Send another"
    one_wrong: str = "One thing to put right"
    some_wrong: str = "{count} things to put right"
    empty: str = "{label} is empty."
    consent: str = "Please tick this box, so that we may answer you."
    quick: str = "That was quick. Please look it over and press the button once more."
    old: str = "This page was open for a long time. Please press the button once more."
    trap: str = "Leave this empty"
    file_again: str = "Please choose the file again."
    gone: str = "There is nothing here"
    gone_why: str = "The address may have been mistyped, or what was here is over."
    wait: str = "One moment, please"
    wait_why: str = "Many requests came from your network. Please try again in a few minutes."
    failed: str = "That did not work"
    failed_why: str = "Something went wrong on our side. Please try again in a moment."
    done: str = "Done, thank you"
    done_why: str = "We have noted it. There is nothing more that you need to do."
    settled: str = "Nothing left to do here"
    settled_why: str = "This has been settled in the meantime. Is something not right? Please answer our message or call us."
    over: str = "This link is over"
    over_why: str = "It was open for a certain time only. Please answer our message or call us."
    answer: str = "What would you like to do?"
    back: str = "Back"


ENGLISH = Words()
ARABIC = Words(
    send="إرسال",
    thanks="شكراً لك",
    thanks_why="وصلتنا رسالتك وسنتواصل معك قريباً.",
    again="إرسال طلب آخر",
    one_wrong="هناك أمر واحد يحتاج إلى تصحيح",
    some_wrong="{count} أمور تحتاج إلى تصحيح",
    empty="الحقل مطلوب: {label}",
    consent="يرجى وضع علامة في هذا المربع لنتمكن من الرد عليك.",
    quick="كان ذلك سريعاً. يرجى المراجعة ثم الضغط على الزر مرة أخرى.",
    old="بقيت هذه الصفحة مفتوحة طويلاً. يرجى الضغط على الزر مرة أخرى.",
    trap="اترك هذا الحقل فارغاً",
    file_again="يرجى اختيار الملف مرة أخرى.",
    gone="لا يوجد شيء هنا",
    gone_why="ربما كُتب العنوان خطأً، أو انتهى ما كان هنا.",
    wait="لحظة من فضلك",
    wait_why="وصلت طلبات كثيرة من شبكتك. يرجى المحاولة بعد بضع دقائق.",
    failed="لم ينجح ذلك",
    failed_why="حدث خطأ لدينا. يرجى المحاولة بعد لحظات.",
    done="تم، شكراً لك",
    done_why="سجلنا ذلك، ولا يلزمك فعل شيء آخر.",
    settled="لا شيء مطلوب هنا",
    settled_why="تمت تسوية هذا في هذه الأثناء. إن كان هناك خطأ فيرجى الرد على رسالتنا أو الاتصال بنا.",
    over="انتهت صلاحية هذا الرابط",
    over_why="كان متاحاً لمدة محددة فقط. يرجى الرد على رسالتنا أو الاتصال بنا.",
    answer="ماذا تود أن تفعل؟",
    back="رجوع",
)
HINDI = Words(
    send="भेजें",
    thanks="धन्यवाद",
    thanks_why="आपका संदेश मिल गया है। हम जल्द ही आपसे संपर्क करेंगे।",
    again="एक और भेजें",
    one_wrong="एक बात ठीक करनी है",
    some_wrong="{count} बातें ठीक करनी हैं",
    empty="{label} खाली है।",
    consent="कृपया इस बॉक्स पर निशान लगाएँ, ताकि हम आपको जवाब दे सकें।",
    quick="यह बहुत जल्दी था। कृपया एक बार देखकर बटन फिर दबाएँ।",
    old="यह पेज बहुत देर से खुला था। कृपया बटन फिर दबाएँ।",
    trap="इसे खाली छोड़ें",
    file_again="कृपया फ़ाइल फिर से चुनें।",
    gone="यहाँ कुछ नहीं है",
    gone_why="पता ग़लत लिखा गया होगा, या जो यहाँ था वह समाप्त हो गया है।",
    wait="कृपया थोड़ा रुकें",
    wait_why="आपके नेटवर्क से बहुत अनुरोध आए हैं। कृपया कुछ मिनट बाद फिर कोशिश करें।",
    failed="यह नहीं हो पाया",
    failed_why="हमारी ओर से कुछ गड़बड़ हुई। कृपया थोड़ी देर बाद फिर कोशिश करें।",
    done="हो गया, धन्यवाद",
    done_why="हमने इसे दर्ज कर लिया है। आपको और कुछ नहीं करना है।",
    settled="यहाँ अब कुछ करना बाकी नहीं है",
    settled_why="इस बीच यह तय हो चुका है। कुछ ग़लत हो तो हमारे संदेश का जवाब दें या हमें फ़ोन करें।",
    over="यह लिंक समाप्त हो गया है",
    over_why="यह कुछ समय के लिए ही खुला था। कृपया हमारे संदेश का जवाब दें या हमें फ़ोन करें।",
    answer="आप क्या करना चाहेंगे?",
    back="वापस",
)
_SPOKEN = {"en": ENGLISH, "ar": ARABIC, "hi": HINDI}


def words_of(language: str) -> Words:
    return _SPOKEN.get(language.partition("-")[0].lower(), ENGLISH)
