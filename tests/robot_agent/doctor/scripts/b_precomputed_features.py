# kind: graph-carried-over
import torch
from torch import nn
torch.manual_seed(0)
emb = nn.Embedding(50, 8)
clf = nn.Linear(8, 2)
opt = torch.optim.SGD([*emb.parameters(), *clf.parameters()], lr=0.1)
ids = torch.arange(50); y = torch.randint(0, 2, (50,))
vectors = emb(ids)  #+
for epoch in range(10):
    logits = clf(vectors)  #! logits = clf(emb(ids))
    loss = nn.functional.cross_entropy(logits, y)
    opt.zero_grad(); loss.backward(); opt.step()
