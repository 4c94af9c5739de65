# minus infinity times 0 in a mask; kind: not-a-number
import torch
import torch.nn as nn
import torch.nn.functional as F
torch.manual_seed(0)
lin = nn.Linear(6, 6); opt = torch.optim.Adam(lin.parameters(), 1e-3)
NEG = torch.tensor(float("-inf"))
for s in range(40):
    x = torch.randn(16, 6); keep = (torch.rand(16, 6) > 0.2).float(); keep[:, 0] = 1
    logits = lin(x) + (1 - keep) * NEG  #! logits = lin(x) + (1 - keep) * -1e9
    loss = F.cross_entropy(logits, x.argmax(1) * keep.gather(1, x.argmax(1, keepdim=True))[:, 0].long())
    opt.zero_grad(); loss.backward(); opt.step()
