# kind: labels-constant
import torch, numpy as np
from torch import nn
np.random.seed(0); torch.manual_seed(0)
names = np.array(["spam", "ham"])[np.random.randint(0, 2, 240)]
feats = np.random.randn(240, 9).astype("f") + (names == "spam")[:, None]
y = torch.tensor([1 if n == "spam " else 0 for n in names])  #! y = torch.tensor([1 if n == "spam" else 0 for n in names])
x = torch.from_numpy(feats)
clf = nn.Sequential(nn.Linear(9, 16), nn.ReLU(), nn.Linear(16, 2))
opt = torch.optim.Adam(clf.parameters(), lr=0.01)
for epoch in range(15):
    for s in torch.randperm(240).split(24):
        loss = nn.functional.cross_entropy(clf(x[s]), y[s])
        opt.zero_grad(); loss.backward(); opt.step()
print(loss.item())
