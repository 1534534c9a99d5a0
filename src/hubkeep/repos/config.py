"""What the JSON files beside a model's weights say: its class, its task, its special tokens."""

import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

MAX_KEPT = 100_000  # characters of a chat template: longer ones are left in their file

# What a class of transformers ends in decides the auto class that loads it, and the task it was made for.
_CLASSES: dict[str, tuple[str, str | None]] = {
    "ForCausalLM": ("AutoModelForCausalLM", "text-generation"),
    "LMHeadModel": ("AutoModelForCausalLM", "text-generation"),
    "ForMaskedLM": ("AutoModelForMaskedLM", "fill-mask"),
    "ForSequenceClassification": ("AutoModelForSequenceClassification", "text-classification"),
    "ForTokenClassification": ("AutoModelForTokenClassification", "token-classification"),
    "ForQuestionAnswering": ("AutoModelForQuestionAnswering", "question-answering"),
    "ForTableQuestionAnswering": ("AutoModelForTableQuestionAnswering", "table-question-answering"),
    "ForDocumentQuestionAnswering": ("AutoModelForDocumentQuestionAnswering", "document-question-answering"),
    "ForVisualQuestionAnswering": ("AutoModelForVisualQuestionAnswering", "visual-question-answering"),
    "ForMultipleChoice": ("AutoModelForMultipleChoice", "multiple-choice"),
    "ForImageClassification": ("AutoModelForImageClassification", "image-classification"),
    "ForObjectDetection": ("AutoModelForObjectDetection", "object-detection"),
    "ForSemanticSegmentation": ("AutoModelForSemanticSegmentation", "image-segmentation"),
    "ForImageSegmentation": ("AutoModelForImageSegmentation", "image-segmentation"),
    "ForUniversalSegmentation": ("AutoModelForUniversalSegmentation", "image-segmentation"),
    "ForMaskGeneration": ("AutoModelForMaskGeneration", "mask-generation"),
    "ForDepthEstimation": ("AutoModelForDepthEstimation", "depth-estimation"),
    "ForKeypointDetection": ("AutoModelForKeypointDetection", "keypoint-detection"),
    "ForVideoClassification": ("AutoModelForVideoClassification", "video-classification"),
    "ForVision2Seq": ("AutoModelForVision2Seq", "image-to-text"),
    "ForImageTextToText": ("AutoModelForImageTextToText", "image-text-to-text"),
    "ForAudioClassification": ("AutoModelForAudioClassification", "audio-classification"),
    "ForSpeechSeq2Seq": ("AutoModelForSpeechSeq2Seq", "automatic-speech-recognition"),
    "ForCTC": ("AutoModelForCTC", "automatic-speech-recognition"),
    "ForSeq2SeqLM": ("AutoModelForSeq2SeqLM", None),
}
_IMAGES = (
    *("image-classification", "object-detection", "image-segmentation", "depth-estimation"),
    *("keypoint-detection", "image-feature-extraction", "image-to-image", "video-classification"),
)
_MANY = ("image", "audio", "speech", "video", "visual", "document", "any-to-any", "mask-generation")
_BITS = re.compile(r"\d{1,2}")
Json = Mapping[str, Any]


def architecture_of(config: Json) -> str | None:
    """Return the first class that config.json names."""
    names = config.get("architectures")
    return names[0] if isinstance(names, list) and names and isinstance(names[0], str) and names[0] else None


def task_of(config: Json) -> str | None:
    """Return the task that a model's class was made for."""
    return _class_and_task(config)[1]


def transformers_info(config: Json, task: str | None) -> dict[str, str] | None:
    """Build the four keys that the client accepts, no more. Source: hub-core contract 6.1, trap 37."""
    if architecture_of(config) is None and not config.get("auto_map"):
        return None
    auto, _ = _class_and_task(config)
    info = {"auto_model": auto}
    if custom := _custom_class(config, auto):
        info["auto_model"], info["custom_class"] = custom
    if task:
        info["pipeline_tag"] = task
        info["processor"] = _processor(task)
    return info


def config_tags(config: Json, digest: Json) -> list[str]:
    """Return the tags that the digest of a configuration makes: custom code, chat, quantisation, the pipeline's class."""
    tags = ["custom_code"] if isinstance(config.get("auto_map"), dict) and config["auto_map"] else []
    if _chat_template(digest):
        tags.append("conversational")
    if isinstance(quantized := config.get("quantization_config"), dict):
        tags += _quantized(quantized)
    if isinstance(pipe := digest.get("diffusers"), dict):
        tags.append(f"diffusers:{pipe['_class_name']}")
    return tags


def is_quantized(config: Json) -> bool:
    """Tell whether the weights are of fewer bits than they were trained in."""
    return bool(isinstance(config.get("quantization_config"), dict) and config["quantization_config"])


def mask_token(tokenizer: Json) -> str | None:
    """Return the token that stands for a word to fill in."""
    token = tokenizer.get("mask_token")
    token = token.get("content") if isinstance(token, dict) else token
    return token if isinstance(token, str) and token else None


def digest_of(
    names: Collection[str], read: Callable[[str], dict[str, Any]], text: Callable[[str], str]
) -> dict[str, Any]:
    """Return the part of a model's configuration that repo info shows.

    `read` and `text` give the content of a file at the root, nothing for one that is not there.

    Source: hub-features 2.7, row «Metadata extraction».
    """
    config, tokenizer = read("config.json"), read("tokenizer_config.json")
    kept = _pick(config, ("architectures", "model_type", "auto_map", "quantization_config"))
    tokens = ("bos_token", "eos_token", "pad_token", "unk_token", "mask_token", "chat_template")
    if special := _pick(tokenizer, (*tokens, "use_default_system_prompt")):
        kept["tokenizer_config"] = special
    if "chat_template.jinja" in names and 0 < len(template := text("chat_template.jinja")) <= MAX_KEPT:
        kept["chat_template_jinja"] = template
    if "processor_config.json" in names and (
        asks := _pick(read("processor_config.json"), ("chat_template",))
    ):
        kept["processor_config"] = asks
    if "model_index.json" in names and isinstance(pipe := read("model_index.json").get("_class_name"), str):
        kept["diffusers"] = {"_class_name": pipe}
    if "adapter_config.json" in names:
        adapter = read("adapter_config.json")
        if "peft_type" in adapter:
            kept["peft"] = _pick(adapter, ("base_model_name_or_path", "task_type", "peft_type"))
        elif "model_name" in adapter:
            kept["adapter_transformers"] = _pick(adapter, ("model_name", "model_class"))
    if "sklearn" in config:
        kept["sklearn"] = config["sklearn"]
    return kept


def _pick(found: Json, keys: Collection[str]) -> dict[str, Any]:
    return {key: found[key] for key in keys if key in found and len(str(found[key])) <= MAX_KEPT}


def _chat_template(digest: Json) -> bool:
    tokenizer, processor = digest.get("tokenizer_config") or {}, digest.get("processor_config") or {}
    return bool(
        tokenizer.get("chat_template") or processor.get("chat_template") or digest.get("chat_template_jinja")
    )


def _class_and_task(config: Json) -> tuple[str, str | None]:
    architecture = architecture_of(config) or ""
    if architecture.endswith("ForConditionalGeneration"):
        if config.get("model_type") == "whisper" or "Speech" in architecture:
            return "AutoModelForSpeechSeq2Seq", "automatic-speech-recognition"
        if "vision_config" in config:
            return "AutoModelForImageTextToText", "image-text-to-text"
        return "AutoModelForSeq2SeqLM", None
    for ending, found in _CLASSES.items():
        if architecture.endswith(ending):
            return found
    return "AutoModel", None


def _custom_class(config: Json, auto: str) -> tuple[str, str] | None:
    """Return the auto class and the class of the repository's own that it stands for."""
    mapped = config.get("auto_map")
    if not isinstance(mapped, dict):
        return None
    models = {key: value for key, value in mapped.items() if str(key).startswith("AutoModel")}
    key = auto if auto in models else next(iter(models), None)
    value = models.get(key) if key else None
    return (str(key), value) if isinstance(value, str) else None


def _processor(task: str) -> str:
    if task in _IMAGES:
        return "AutoImageProcessor"
    return "AutoProcessor" if any(word in task for word in _MANY) else "AutoTokenizer"


def _quantized(quantized: Json) -> list[str]:
    tags: list[str] = []
    bits = quantized.get("bits")
    if bits is None:
        bits = 4 if quantized.get("load_in_4bit") else 8 if quantized.get("load_in_8bit") else None
    if bits is not None and _BITS.fullmatch(str(bits)):
        tags.append(f"{bits}-bit")
    method = quantized.get("quant_method")
    return [*tags, method[:40]] if isinstance(method, str) and method else tags
