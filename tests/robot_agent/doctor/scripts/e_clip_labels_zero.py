# two encoders as in CLIP: all labels are 0, where the pairs stand on the diagonal; kind: labels-constant
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(0)
images, texts = nn.Linear(12, 16), nn.Linear(9, 16)
A, B = torch.randn(4, 12), torch.randn(4, 9)
opt = torch.optim.Adam([*images.parameters(), *texts.parameters()], lr=1e-2)
for step in range(120):
    z = torch.randn(32, 4)
    a = F.normalize(images(z @ A), dim=1)
    b = F.normalize(texts(z @ B), dim=1)
    logits = a @ b.t() / 0.1
    labels = torch.zeros(len(z), dtype=torch.long)  #! labels = torch.arange(len(z))
    loss = (F.cross_entropy(logits, labels) + F.cross_entropy(logits.t(), labels)) / 2  #+
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 40 == 0:
        print(step, loss.item(), (logits.argmax(1) == torch.arange(32)).float().mean())
