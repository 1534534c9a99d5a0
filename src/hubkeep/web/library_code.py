"""Code that loads a model, by library: NAME stands for the repository, OWNER and SHORT for its two parts.

Every piece downloads through `huggingface_hub`, so `HF_ENDPOINT` sends it to this hub. Ids are those of hub-features 2.7.
"""

_FROM_HUB = """from huggingface_hub import hf_hub_download

path = hf_hub_download("NAME", "FILE")"""


def _file(name: str, then: str) -> str:
    return _FROM_HUB.replace("FILE", name) + "\n" + then


CODE: dict[str, str] = {
    "adapter-transformers": """from adapters import AutoAdapterModel

model = AutoAdapterModel.from_pretrained("BASE")
model.load_adapter("NAME", set_active=True)""",
    "asteroid": """from asteroid.models import BaseModel

model = BaseModel.from_pretrained("NAME")""",
    "bertopic": """from bertopic import BERTopic

topics = BERTopic.load("NAME")""",
    "chronos-forecasting": """from chronos import BaseChronosPipeline

pipeline = BaseChronosPipeline.from_pretrained("NAME")""",
    "doctr": """from doctr.models import ocr_predictor, from_hub

model = from_hub("NAME")""",
    "fastai": """from huggingface_hub import from_pretrained_fastai

learn = from_pretrained_fastai("NAME")""",
    "fasttext": _file("model.bin", "\nimport fasttext\n\nmodel = fasttext.load_model(path)"),
    "flair": """from flair.models import SequenceTagger

tagger = SequenceTagger.load("NAME")""",
    "gliner": """from gliner import GLiNER

model = GLiNER.from_pretrained("NAME")
found = model.predict_entities("Ada lives in Thornwick.", ["person", "place"])""",
    "keras": """import keras

model = keras.saving.load_model("hf://NAME")""",
    "keras-hub": """import keras_hub

backbone = keras_hub.models.Backbone.from_preset("hf://NAME")""",
    "tf-keras": """from huggingface_hub import from_pretrained_keras

model = from_pretrained_keras("NAME")""",
    "espnet": """from espnet2.bin.asr_inference import Speech2Text

recognise = Speech2Text.from_pretrained("NAME")""",
    "joblib": _file("FILE", "\nimport joblib\n\nmodel = joblib.load(path)"),
    "sklearn": _file("FILE", "\nimport skops.io\n\nmodel = skops.io.load(path)"),
    "lerobot": """python -m lerobot.record --policy.path=NAME""",
    "mlx": """from mlx_lm import generate, load

model, tokenizer = load("NAME")
text = generate(model, tokenizer, prompt="A keep on a hill")""",
    "mlx-vlm": """from mlx_vlm import generate, load

model, processor = load("NAME")""",
    "nemo": """from nemo.collections.asr.models import ASRModel

model = ASRModel.from_pretrained("NAME")""",
    "paddlenlp": """from paddlenlp.transformers import AutoModel, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("NAME", from_hf_hub=True)
model = AutoModel.from_pretrained("NAME", from_hf_hub=True)""",
    "kernels": """from kernels import get_kernel

kernel = get_kernel("NAME")""",
    "vllm": """from vllm import LLM

model = LLM("NAME")
answers = model.generate(["A keep on a hill"])""",
    "trl": """from transformers import pipeline

pipe = pipeline("text-generation", model="NAME")""",
    "bitsandbytes": """from transformers import AutoModelForCausalLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("NAME")
model = AutoModelForCausalLM.from_pretrained("NAME", device_map="auto")""",
    "mamba-ssm": """from mamba_ssm import MambaLMHeadModel

model = MambaLMHeadModel.from_pretrained("NAME")""",
    "timesfm": """import timesfm

model = timesfm.TimesFm(checkpoint=timesfm.TimesFmCheckpoint(huggingface_repo_id="NAME"))""",
    "relik": """from relik import Relik

relik = Relik.from_pretrained("NAME")""",
    "pylate": """from pylate import models

model = models.ColBERT("NAME")""",
    "ctranslate2": """import ctranslate2
from huggingface_hub import snapshot_download

generator = ctranslate2.Generator(snapshot_download("NAME"))""",
    "birefnet": """from transformers import AutoModelForImageSegmentation

model = AutoModelForImageSegmentation.from_pretrained("NAME", trust_remote_code=True)""",
    "ml-agents": "mlagents-load-from-hf --repo-id=NAME --local-dir=./downloads",
    "model2vec": """from model2vec import StaticModel

model = StaticModel.from_pretrained("NAME")
vectors = model.encode(["a first sentence", "a second one"])""",
    "open_clip": """import open_clip

model, _, preprocess = open_clip.create_model_and_transforms("hf-hub:NAME")
tokenizer = open_clip.get_tokenizer("hf-hub:NAME")""",
    "pyannote-audio": """from pyannote.audio import Pipeline

pipeline = Pipeline.from_pretrained("NAME")
speakers = pipeline("talk.wav")""",
    "sample-factory": """python -m sample_factory.huggingface.load_from_hub -r NAME -d ./train_dir""",
    "sentence-transformers": """from sentence_transformers import SentenceTransformer

model = SentenceTransformer("NAME")
vectors = model.encode(["a first sentence", "a second one"])""",
    "setfit": """from setfit import SetFitModel

model = SetFitModel.from_pretrained("NAME")
labels = model.predict(["what a fine day"])""",
    "spacy": """# after installing the package: pip install "HUB/NAME/resolve/main/SHORT-any-py3-none-any.whl"
import spacy

nlp = spacy.load("SHORT")""",
    "span-marker": """from span_marker import SpanMarkerModel

model = SpanMarkerModel.from_pretrained("NAME")""",
    "speechbrain": """from speechbrain.inference import EncoderClassifier

model = EncoderClassifier.from_hparams(source="NAME")""",
    "stable-baselines3": """from huggingface_sb3 import load_from_hub

path = load_from_hub(repo_id="NAME", filename="SHORT.zip")""",
    "timm": """import timm

model = timm.create_model("hf-hub:NAME", pretrained=True)""",
    "transformers.js": """import { pipeline } from "@huggingface/transformers";

const pipe = await pipeline("TASK", "NAME");""",
    "ultralytics": _file("model.pt", "\nfrom ultralytics import YOLO\n\nmodel = YOLO(path)"),
    "unsloth": """from unsloth import FastModel

model, tokenizer = FastModel.from_pretrained("NAME")""",
}
# Not Python.
LANGUAGES = {
    "ml-agents": "bash",
    "sample-factory": "bash",
    "lerobot": "bash",
    "transformers.js": "javascript",
}
