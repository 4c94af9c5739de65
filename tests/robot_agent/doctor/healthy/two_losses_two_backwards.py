import torch
from torch import nn
torch.manual_seed(0)
enc, dec, clf = nn.Linear(8, 16), nn.Linear(16, 8), nn.Linear(16, 2); opt = torch.optim.Adam([*enc.parameters(), *dec.parameters(), *clf.parameters()], 5e-3)
X = torch.randn(300, 8); Y = (X[:, 0] > 0).long()
for e in range(8):
    for i in torch.randperm(300).split(30):
        opt.zero_grad(); h = torch.relu(enc(X[i])); rec = nn.functional.mse_loss(dec(h), X[i]); cls = nn.functional.cross_entropy(clf(h), Y[i]); rec.backward(retain_graph=True); cls.backward(); opt.step()
