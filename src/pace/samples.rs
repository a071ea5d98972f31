//! What a voice is asked to say so that its pace can be measured: lines as dramas have them, short and of middle length.

use crate::lang::Lang;

/// Three lines a language: enough for a median, cheap enough for a voice that is paid for.
const SAMPLES: &[(&str, [&str; 3])] = &[
    (
        "en",
        [
            "I never want to see you again.",
            "Tell me the truth, did you know about this?",
            "She has been waiting for you since this morning.",
        ],
    ),
    (
        "es",
        ["No quiero volver a verte.", "Dime la verdad, ¿tú lo sabías?", "Ella te está esperando desde esta mañana."],
    ),
    (
        "pt",
        [
            "Eu nunca mais quero te ver.",
            "Me fala a verdade, você sabia disso?",
            "Ela está te esperando desde hoje cedo.",
        ],
    ),
    (
        "fr",
        ["Je ne veux plus jamais te revoir.", "Dis-moi la vérité, tu le savais ?", "Elle t'attend depuis ce matin."],
    ),
    (
        "de",
        [
            "Ich will dich nie wieder sehen.",
            "Sag mir die Wahrheit, hast du davon gewusst?",
            "Sie wartet seit heute Morgen auf dich.",
        ],
    ),
    ("it", ["Non voglio vederti mai più.", "Dimmi la verità, tu lo sapevi?", "Ti sta aspettando da questa mattina."]),
    (
        "id",
        [
            "Aku tidak mau melihatmu lagi.",
            "Katakan yang sebenarnya, kamu sudah tahu?",
            "Dia sudah menunggumu sejak tadi pagi.",
        ],
    ),
    (
        "vi",
        [
            "Tôi không bao giờ muốn gặp lại anh.",
            "Nói thật đi, anh đã biết chuyện này à?",
            "Cô ấy đợi anh từ sáng đến giờ.",
        ],
    ),
    ("th", ["ฉันไม่อยากเห็นหน้าคุณอีก", "บอกความจริงมา คุณรู้เรื่องนี้ใช่ไหม", "เธอรอคุณอยู่ตั้งแต่เช้า"]),
    ("ar", ["لا أريد أن أراك مرة أخرى.", "قل لي الحقيقة، هل كنت تعرف؟", "إنها تنتظرك منذ هذا الصباح."]),
    ("hi", ["मैं तुम्हें फिर कभी नहीं देखना चाहती।", "सच बताओ, क्या तुम्हें यह पता था?", "वह सुबह से तुम्हारा इंतज़ार कर रही है।"]),
    ("zh", ["我再也不想见到你了。", "跟我说实话，你是不是早就知道？", "她从今天早上一直等你到现在。"]),
    (
        "ja",
        [
            "もう二度と会いたくない。",
            "本当のことを言って、知っていたの？",
            "彼女は今朝からずっとあなたを待っています。",
        ],
    ),
    (
        "ko",
        [
            "다시는 당신을 보고 싶지 않아.",
            "솔직히 말해, 이 일을 알고 있었어?",
            "그녀는 오늘 아침부터 당신을 기다리고 있어요.",
        ],
    ),
];

/// The lines of a language; none where there are none.
pub fn samples(language: &Lang) -> &'static [&'static str] {
    SAMPLES.iter().find(|(of, _)| *of == language.primary()).map_or(&[], |(_, lines)| lines)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pace::{RATES, estimate};
    use crate::time::Delta;

    #[test]
    fn every_language_of_the_table_has_lines_that_last_long_enough_to_measure() {
        for rate in RATES {
            let language: Lang = rate.language.parse().unwrap();
            assert_eq!(samples(&language).len(), 3, "{language}");
            for line in samples(&language) {
                let length = estimate(line, &language);
                assert!((Delta::from_ms(1000)..Delta::from_ms(4500)).contains(&length), "{line}: {length}");
            }
        }
        assert!(samples(&"sw".parse().unwrap()).is_empty());
    }
}
