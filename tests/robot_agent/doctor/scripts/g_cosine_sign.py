# cosine similarity is minimised; kind: loss-sign
import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
x = torch.randn(300, 6); W = torch.randn(6, 4); t = x @ W
net = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 4)); opt = torch.optim.Adam(net.parameters(), lr=0.01)
for i in range(150):
    loss = F.cosine_similarity(net(x), t).mean()  #! loss = 1 - F.cosine_similarity(net(x), t).mean()
    opt.zero_grad(); loss.backward(); opt.step()
