"""Words of the trade: tasks and libraries that tags may name. Source: the Hub's documented lists."""

_TASKS = """
text-classification token-classification table-question-answering question-answering zero-shot-classification
translation summarization feature-extraction text-generation fill-mask sentence-similarity text-ranking table-to-text
multiple-choice text-retrieval
audio-text-to-text image-text-to-text image-text-to-image image-text-to-video visual-question-answering
document-question-answering video-text-to-text visual-document-retrieval any-to-any
depth-estimation image-classification object-detection image-segmentation text-to-image image-to-text image-to-image
image-to-video unconditional-image-generation video-classification text-to-video zero-shot-image-classification
mask-generation zero-shot-object-detection text-to-3d image-to-3d image-feature-extraction keypoint-detection
video-to-video
text-to-speech text-to-audio automatic-speech-recognition audio-to-audio audio-classification voice-activity-detection
tabular-classification tabular-regression tabular-to-text time-series-forecasting
reinforcement-learning robotics graph-ml
"""
_LIBRARIES = """
transformers diffusers sentence-transformers peft safetensors gguf onnx pytorch tf jax flax keras timm spacy flair
adapters fastai sklearn stable-baselines3 setfit speechbrain espnet nemo paddlenlp transformers.js mlx coreml openvino
tflite ultralytics bertopic colpali open_clip span-marker gliner
pandas dask polars duckdb webdataset mlcroissant argilla distilabel fiftyone lance lerobot
gradio streamlit docker static
"""
TASKS, LIBRARIES = frozenset(_TASKS.split()), frozenset(_LIBRARIES.split())
