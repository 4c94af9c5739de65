# kind: eval-while-training
import torch
from torch import nn
torch.manual_seed(0)
def load_model():
    m = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Dropout(0.5), nn.Linear(32, 2))
    m.eval()  #! m.train()
    return m
model = load_model(); opt = torch.optim.Adam(model.parameters(), 0.01)
X = torch.randn(200, 6); Y = (X[:, 0] > 0).long()
for e in range(10):
    for i in range(0, 200, 20):
        out = model(X[i:i+20])  #+
        loss = nn.functional.cross_entropy(out, Y[i:i+20]); opt.zero_grad(); loss.backward(); opt.step()
