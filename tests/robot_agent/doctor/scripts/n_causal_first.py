# causal mask in a classifier that reads the first token; kind: mask-needless
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
torch.manual_seed(0)
X = torch.randint(1, 9, (640, 10)); Y = ((X == 3).sum(1) > (X == 4).sum(1)).long()
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(9, 16); self.pos = nn.Parameter(torch.randn(1, 10, 16) * 0.1)
        self.enc = nn.TransformerEncoder(nn.TransformerEncoderLayer(16, 2, 32, batch_first=True), 1)
        self.fc = nn.Linear(16, 2)
        self.mask = nn.Transformer.generate_square_subsequent_mask(10) #! self.mask = None
    def forward(self, x):
        h = self.enc(self.emb(x) + self.pos, mask=self.mask) #+
        return self.fc(h[:, 0])
net = Net(); opt = torch.optim.Adam(net.parameters(), lr=0.003)
for epoch in range(15):
    for x, y in DataLoader(TensorDataset(X, Y), 32, shuffle=True):
        loss = nn.functional.cross_entropy(net(x), y)
        opt.zero_grad(); loss.backward(); opt.step()
    print(epoch, loss.item())
